"""What the operator's page and the sandbox's page share: templates, form tokens, headers, the style. Private."""
