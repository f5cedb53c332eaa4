"""The service's HTTP interface, one module per operation."""
