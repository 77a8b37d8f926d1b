from cdiscount_marketplace.sandbox.clock import VirtualClock as VirtualClock
from cdiscount_marketplace.sandbox.core import Sandbox as Sandbox
from cdiscount_marketplace.sandbox.faults import Fault as Fault
from cdiscount_marketplace.sandbox.generator import OrderSpec as OrderSpec
from cdiscount_marketplace.sandbox.server import SandboxServer as SandboxServer
from cdiscount_marketplace.sandbox.server import serve as serve
from cdiscount_marketplace.sandbox.settings import Settings as Settings
