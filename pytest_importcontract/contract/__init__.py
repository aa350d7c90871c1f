"""What must hold: the contract file, its language and its mistakes."""
