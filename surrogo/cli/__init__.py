"""The command line: what a store holds, also while another process writes it."""
