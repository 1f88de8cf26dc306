//! A stand-in for the Webex cloud: discovery, devices, Mercury, presence, people.
