"""Web pages without a feed: new links of a list of links."""
