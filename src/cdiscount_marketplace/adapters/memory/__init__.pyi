from cdiscount_marketplace.adapters.memory.registry import MemoryAccountRegistry as MemoryAccountRegistry
from cdiscount_marketplace.adapters.memory.store import MemoryOms as MemoryOms
from cdiscount_marketplace.adapters.memory.store import MemoryOrder as MemoryOrder
