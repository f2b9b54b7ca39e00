using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClipDistributed.Contracts.Tls;

/// <summary>Whether a peer's certificate is signed by a trusted CA, for this use, and neither expired nor from the future.</summary>
/// <param name="authorities">That may sign; null: those that this machine trusts.</param>
/// <param name="use">An extended key usage, as <see cref="Server"/>.</param>
public sealed class CertificateCheck(X509Certificate2Collection? authorities, string use)
{
    /// <summary>Extended key usages of RFC 5280, section 4.2.1.12.</summary>
    public const string Server = "1.3.6.1.5.5.7.3.1", Client = "1.3.6.1.5.5.7.3.2";

    /// <param name="between">Certificates that the peer sent besides its own.</param>
    /// <returns>Null: it is good; else a clause about "it", such as <c>expired on 2027-01-01</c>.</returns>
    public string? Fault(X509Certificate2 certificate, X509Certificate2Collection between, DateTime now)
    {
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.RevocationMode = X509RevocationMode.NoCheck; // a small CA publishes no lists: replace it instead
        policy.DisableCertificateDownloads = true;
        policy.ApplicationPolicy.Add(new Oid(use));
        policy.ExtraStore.AddRange(between);
        policy.VerificationTime = now;
        policy.VerificationTimeIgnored = false;
        if (authorities is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(authorities);
        }
        if (chain.Build(certificate))
            return null;
        var statuses = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        if ((statuses & (X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot)) != 0)
            return $"is signed by a CA that is not trusted here ({certificate.Issuer})";
        if (statuses.HasFlag(X509ChainStatusFlags.NotTimeValid))
            return Timing(chain, now) ?? "is not valid now";
        if (statuses.HasFlag(X509ChainStatusFlags.NotValidForUsage))
            return $"is not made for this use (extended key usage {use})";
        return $"is not valid ({statuses})";
    }

    private static string? Timing(X509Chain chain, DateTime now)
    {
        foreach (var certificate in chain.ChainElements.Select(element => element.Certificate))
        {
            string whose = certificate == chain.ChainElements[0].Certificate ? "" : $"has a CA, {certificate.Subject}, that ";
            if (certificate.NotAfter < now)
                return $"{whose}expired on {Day(certificate.NotAfter)}";
            if (certificate.NotBefore > now)
                return $"{whose}is valid from {Day(certificate.NotBefore)} on; is a clock wrong?";
        }
        return null;
    }

    private static string Day(DateTime moment) => moment.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
