"""What users and this project test with.

- `plugin`: pytest fixtures (`cdiscount_sandbox`, `cdiscount_client`, `cdiscount_server` …), found by pytest itself;
- `builders`: orders in any state;
- `contracts`: test suites that the author of an adapter inherits;
- `recording`: record and replay exchanges, scrubbed of secrets and personal data.
"""
