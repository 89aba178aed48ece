"""Who the people of the town are: accounts, departments, posts held for a time, responsibility, residents.

Words: account 账号, department 部门, post 岗位 (a seat at a unit), tenure 任期 (who holds it, from when),
responsibility 责任清单, resident 居民. Below: territory (units). Above: notices (which sends the codes that
this room issues) and cases (which asks it who is responsible).
"""
