import type * as Grpc from "@grpc/grpc-js";
import type { Tls } from "../tls.ts";

type Identity = Grpc.experimental.IdentityCertificateUpdateListener;
type Authorities = Grpc.experimental.CaCertificateUpdateListener;

/** The server's certificate for gRPC, or none. A renewed one is shown to the next client, as over HTTP. */
export function serverCredentials({ ServerCredentials, experimental }: typeof Grpc, tls: Tls | null): Grpc.ServerCredentials {
  if (tls === null) return ServerCredentials.createInsecure();
  const identities = new Set<Identity>();
  const authorities = new Set<Authorities>();
  const tellIdentity = (listener: Identity): void => listener({ certificate: tls.current().cert, privateKey: tls.current().key });
  const tellAuthorities = (listener: Authorities): void => {
    const { ca } = tls.current();
    listener(ca === undefined ? null : { caCertificate: ca });
  };
  tls.onChange(() => {
    identities.forEach(tellIdentity);
    authorities.forEach(tellAuthorities);
  });
  const provider: Grpc.experimental.CertificateProvider = {
    addIdentityCertificateListener(listener) {
      identities.add(listener);
      process.nextTick(tellIdentity, listener);
    },
    removeIdentityCertificateListener: (listener) => void identities.delete(listener),
    addCaCertificateListener(listener) {
      authorities.add(listener);
      process.nextTick(tellAuthorities, listener);
    },
    removeCaCertificateListener: (listener) => void authorities.delete(listener),
  };
  const { requestCert } = tls.current();
  // The first one gives the server's certificate, the second the clients' authorities, whatever grpc-js calls them (1.14.4: the other way round).
  return experimental.createCertificateProviderServerCredentials(provider, requestCert ? provider : null, requestCert);
}
