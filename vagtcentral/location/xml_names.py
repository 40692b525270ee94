"""Namespaces, reference systems and units of the XML formats that carry locations."""

PIDF = "urn:ietf:params:xml:ns:pidf"
DATA_MODEL = "urn:ietf:params:xml:ns:pidf:data-model"
GEOPRIV = "urn:ietf:params:xml:ns:pidf:geopriv10"
CIVIC = "urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"
CONFIDENCE = "urn:ietf:params:xml:ns:geopriv:conf"
GML = "http://www.opengis.net/gml"
SHAPES = "http://www.opengis.net/pidflo/1.0"
LOST = "urn:ietf:params:xml:ns:lost1"

#: WGS84 with latitude, longitude; and with altitude above the ellipsoid in metres (RFC 5491, section 5.1).
CRS_2D = "urn:ogc:def:crs:EPSG::4326"
CRS_3D = "urn:ogc:def:crs:EPSG::4979"
METRE = "urn:ogc:def:uom:EPSG::9001"
RADIAN = "urn:ogc:def:uom:EPSG::9101"
DEGREE = "urn:ogc:def:uom:EPSG::9102"
