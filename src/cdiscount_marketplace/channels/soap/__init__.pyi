from cdiscount_marketplace.channels.soap.channel import SoapChannel as SoapChannel
