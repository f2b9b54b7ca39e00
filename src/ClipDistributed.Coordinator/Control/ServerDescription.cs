using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Tls;
using ClipDistributed.Coordinator.Certificates;
using ClipDistributed.Coordinator.Leading;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Store;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.Control;

/// <summary>This coordinator as clients see it.</summary>
/// <param name="certificate">Null: it speaks no TLS.</param>
internal sealed class ServerDescription(RunStore store, Leadership leadership, ServerCertificate? certificate = null)
{
    /// <param name="caller">Who asks.</param>
    public GetServerInfoResponse For(Token caller) => new()
    {
        Version = ProtocolCheck.OwnVersion,
        Address = leadership.Address,
        Term = store.Term,
        Started = leadership.Started.ToTimestamp(),
        Store = store.IsShared ? "postgresql" : "sqlite",
        Caller = caller,
        Certificate = certificate is null ? null : Show(certificate),
    };

    private static CertificateInfo Show(ServerCertificate shown) => new()
    {
        Subject = shown.Certificate.Subject,
        Issuer = shown.Certificate.Issuer,
        Names = { CertificateNames.All(shown.Certificate) },
        NotBefore = shown.Certificate.NotBefore.ToUniversalTime().ToTimestamp(),
        NotAfter = shown.Certificate.NotAfter.ToUniversalTime().ToTimestamp(),
        AsksHosts = shown.Clients is not null,
    };
}
