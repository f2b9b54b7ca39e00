using ClipDistributed.Contracts.Links;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace ClipDistributed.Dashboard.Calls;

/// <summary>Calls of the control API that carry a token.</summary>
internal static class SessionCalls
{
    public static CallInvoker With(CallInvoker calls, string token, string address) => calls.Intercept(headers =>
    {
        headers.Add("authorization", $"Bearer {token}");
        headers.Add(ClientAddressHeader.Name, address);
        return headers;
    });
}
