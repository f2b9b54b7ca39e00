using System.Security.Authentication;

namespace ClipDistributed.Contracts.Tls;

/// <summary>This client does not trust the certificate of the coordinator that it reached.</summary>
/// <param name="text">One line: what, and what to do.</param>
public sealed class CertificateRefusedException(string text) : AuthenticationException(text);
