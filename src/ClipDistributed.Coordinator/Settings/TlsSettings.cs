namespace ClipDistributed.Coordinator.Settings;

/// <summary>The coordinator's side of TLS: files in PEM, which are read again when they change.</summary>
/// <param name="Certificate">Its own, and after it those between it and its CA.</param>
/// <param name="Key">Its private key.</param>
/// <param name="ClientCa">The CAs of hosts and replicas, which then need a certificate of one of them; null: they need none.</param>
public sealed record TlsSettings(string Certificate, string Key, string? ClientCa = null)
{
    public const string CertificateOption = "--cert", KeyOption = "--key", ClientCaOption = "--client-ca";
}
