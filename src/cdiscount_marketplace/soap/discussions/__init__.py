"""Discussions of the SOAP API: questions and complaints of customers."""
