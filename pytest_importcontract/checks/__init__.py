"""What a contract demands, one module for each kind: contract and facts in, violations out."""
