"""Mends and completes LocalStack's open edition for testing an account auditor."""
