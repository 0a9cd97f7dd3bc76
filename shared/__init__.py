"""What all three services need and none of them owns. It imports no service."""
