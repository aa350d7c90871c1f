"""What really happens: a service's imports, run in processes of their own."""
