"""Reading spreadsheets that strangers made: see ``reading`` (rows), ``headers`` (titles), ``problems`` (sentences)."""
