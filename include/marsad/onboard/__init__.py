"""Taking a site in: finding its routes, trying them and the reader, and switching the source on."""
