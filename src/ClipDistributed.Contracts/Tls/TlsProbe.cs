using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace ClipDistributed.Contracts.Tls;

/// <summary>
/// Whether an address that does not answer in plain HTTP speaks TLS: then it was written with the wrong scheme. Nothing is sent over the
/// connection, so it does not matter whose certificate it shows.
/// </summary>
public static class TlsProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static async Task<bool> SpeaksTlsAsync(Uri address, CancellationToken cancel)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(Patience);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(address.DnsSafeHost, address.Port, late.Token);
            bool isShown = false;
            await using var tls = new SslStream(client.GetStream());
            try
            {
                await tls.AuthenticateAsClientAsync(
                    new SslClientAuthenticationOptions
                    {
                        TargetHost = address.DnsSafeHost,
                        ApplicationProtocols = [SslApplicationProtocol.Http2],
                        RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                        {
                            isShown = certificate is not null;
                            return false;
                        },
                    },
                    late.Token);
            }
            catch (AuthenticationException)
            {
                // By that callback, or because what answers is not TLS.
            }
            return isShown;
        }
        catch (Exception failed) when (failed is SocketException or IOException or OperationCanceledException)
        {
            cancel.ThrowIfCancellationRequested();
            return false;
        }
    }
}
