"""Which kind of matter a text is about: character n-grams, TF-IDF, a linear model, and the words that decided.

`grams` turns texts into numbers, `model` scores and is kept in a file, `fitting` learns and measures, `words`
shows what decided, `shipped` is what a town has before it learned anything, `held` is the model in force.
Private to intake; what others ask is in `intake.queries` and `intake.actions`.
"""
