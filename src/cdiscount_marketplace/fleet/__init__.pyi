from cdiscount_marketplace.fleet.celery import install as install
from cdiscount_marketplace.fleet.channels import ChannelOpener as ChannelOpener
from cdiscount_marketplace.fleet.channels import open_channel as open_channel
from cdiscount_marketplace.fleet.credentials import CredentialResolver as CredentialResolver
from cdiscount_marketplace.fleet.credentials import find_credentials as find_credentials
from cdiscount_marketplace.fleet.jobs import Fleet as Fleet
from cdiscount_marketplace.fleet.jobs import JobMaker as JobMaker
from cdiscount_marketplace.fleet.runner import AccountRunner as AccountRunner
