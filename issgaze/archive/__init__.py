"""What is kept on disk: pass folders, raw files, ledger, status, requests."""
