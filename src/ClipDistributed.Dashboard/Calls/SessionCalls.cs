using Grpc.Core;
using Grpc.Core.Interceptors;

namespace ClipDistributed.Dashboard.Calls;

/// <summary>Calls of the control API that carry a token.</summary>
internal static class SessionCalls
{
    /// <summary>By which the coordinator knows the browser; it believes its own process alone.</summary>
    private const string AddressHeader = "clipd-client-address";

    public static CallInvoker With(CallInvoker calls, string token, string address) => calls.Intercept(headers =>
    {
        headers.Add("authorization", $"Bearer {token}");
        headers.Add(AddressHeader, address);
        return headers;
    });
}
