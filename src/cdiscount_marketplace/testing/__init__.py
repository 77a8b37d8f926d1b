"""What users and this project test with."""
