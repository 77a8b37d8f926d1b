from cdiscount_marketplace.channels.octopia.channel import OctopiaChannel as OctopiaChannel
from cdiscount_marketplace.channels.octopia.offers import OfferSettings as OfferSettings
from cdiscount_marketplace.channels.offers import OfferChannel as OfferChannel
from cdiscount_marketplace.channels.offers import PartialUpdates as PartialUpdates
from cdiscount_marketplace.channels.port import RefundChannel as RefundChannel
from cdiscount_marketplace.channels.port import SalesChannel as SalesChannel
from cdiscount_marketplace.channels.soap.channel import SoapChannel as SoapChannel
