"""``manage.py bench``: what the portal costs, beside what the same work costs at least. Figures are ratios taken in one run; nothing here judges.

Every measurement is a *step*: a function of ``Options`` that yields figures and runs as a process of its own against a database of its own,
so that no measurement warms, fills or bloats another one's. ``run`` makes the databases, starts the steps and takes everything away again.
"""
