"""Group robots (企业微信, 钉钉): the words they take, the way to them, and the sending by claim. ``sending`` is the door."""
