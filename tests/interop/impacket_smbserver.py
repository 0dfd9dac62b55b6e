"""impacket's SMB server on 127.0.0.1: `impacket_smbserver.py PORT FOLDER USER PASSWORD`."""

import sys

import interop_peer

ntlm = interop_peer.module("impacket.ntlm", "python3-impacket")
smbserver = interop_peer.module("impacket.smbserver", "python3-impacket")


def main(port, folder, user, password):
    server = smbserver.SimpleSMBServer("127.0.0.1", int(port))
    server.addShare("docs", folder, "")
    server.setSMB2Support(True)
    server.setLogFile("")
    server.addCredential(user, 0, ntlm.compute_lmhash(password).hex(),
                         ntlm.compute_nthash(password).hex())
    server.start()


if __name__ == "__main__":
    main(*sys.argv[1:])
