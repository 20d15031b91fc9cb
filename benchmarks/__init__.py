"""What the package's claims about itself are measured with."""
