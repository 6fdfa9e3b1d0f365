"""What pages of the packages below say of programs."""
