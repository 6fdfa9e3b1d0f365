"""The demo: a sponsor with a program of some months, made through the methods that pages use.

`fixtures/demo/lakeside.json` says who is there and what they did; `stage` brings in the people and
programs, `play` their acts. Only for trying the product out: everybody has the same, printed password.
"""
