using System.Globalization;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Coordinator.Control.Rest;
using ClipDistributed.Coordinator.Links;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace ClipDistributed.Coordinator.Control;

/// <summary>A response that is a status alone, before anything of the request's body was read: valid for every method.</summary>
internal static class StatusResponse
{
    /// <param name="isServed">False: another coordinator can be asked without harm.</param>
    /// <param name="wait">How long to wait before the next try; null: nothing is said.</param>
    public static Task WriteAsync(HttpContext context, StatusCode code, string text, bool isServed = true, TimeSpan? wait = null)
    {
        var response = context.Response;
        if (wait is { } seconds)
            response.Headers.RetryAfter = Math.Ceiling(seconds.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        if (!RestRequest.IsGrpc(context.Request))
        {
            if (code == StatusCode.Unauthenticated)
                response.Headers.WWWAuthenticate = "Bearer";
            return RestError.WriteAsync(response, code, text);
        }
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = code.ToString("D");
        response.Headers["grpc-message"] = Uri.EscapeDataString(ErrorStatus.Of(code, text).Message);
        if (!isServed)
            response.Headers[CoordinatorAddresses.NotServed] = "1";
        return Task.CompletedTask;
    }
}
