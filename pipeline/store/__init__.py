"""Results into tables, one module a domain."""
