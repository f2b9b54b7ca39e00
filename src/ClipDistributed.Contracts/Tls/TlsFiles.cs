using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Tls;

/// <summary>
/// What a client uses for https addresses, PEM. Only paths are passed on to replicas, and what lies there is read at each handshake: a
/// file that was replaced counts from the next connection on.
/// </summary>
/// <param name="Ca">The CAs that may sign the coordinator's certificate; null: those that this machine trusts.</param>
/// <param name="Certificate">Of this client; null: none.</param>
/// <param name="Key">Its private key; null: the file of the certificate holds it too.</param>
public sealed record TlsFiles(string? Ca = null, string? Certificate = null, string? Key = null)
{
    public const string CaOption = "--ca", CertificateOption = "--client-cert", KeyOption = "--client-key";

    /// <summary>Where the options are left out.</summary>
    public const string CaVariable = "CLIPD_CA_FILE", CertificateVariable = "CLIPD_CLIENT_CERT_FILE", KeyVariable = "CLIPD_CLIENT_KEY_FILE";

    /// <exception cref="BadInputException">Lists all that cannot be used.</exception>
    public void Check()
    {
        var errors = new List<string>();
        Try(() => CertificateFile.ReadAuthorities(Ca!, CaOption), Ca is not null);
        Try(() => CertificateFile.ReadWithKey(new(Certificate!, CertificateOption), new(Key ?? Certificate!, KeyOption)),
            Certificate is not null);
        if (Key is not null && Certificate is null)
            errors.Add($"{KeyOption} is given without {CertificateOption}; give both.");
        if (errors.Count > 0)
            throw new BadInputException(errors);

        void Try(Action read, bool isGiven)
        {
            try
            {
                if (isGiven)
                    read();
            }
            catch (BadInputException wrong)
            {
                errors.AddRange(wrong.Errors);
            }
        }
    }
}
