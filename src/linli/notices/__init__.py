"""What the town tells people: message texts in two languages, and sending them.

A notice is queued in the transaction of what it tells about and sent afterwards by a job, so a failing
provider never holds anything up. Below: people (who is told). Above: cases, flows, portal.
"""
