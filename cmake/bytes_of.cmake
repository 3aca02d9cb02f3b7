# cmake -D IMAGE=a -D BYTES=b -P bytes_of.cmake: the bytes of a as numbers for an array, in b.
file(READ ${IMAGE} digits HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," digits "${digits}")
string(REGEX REPLACE "((0x..,){24})" "\\1\n" digits "${digits}")
file(WRITE ${BYTES} "${digits}\n")
