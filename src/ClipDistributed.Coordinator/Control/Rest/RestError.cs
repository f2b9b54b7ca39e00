using ClipDistributed.Coordinator.Links;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace ClipDistributed.Coordinator.Control.Rest;

/// <summary>Errors as JSON, in the form in which calls fail too.</summary>
internal static class RestError
{
    private static readonly JsonFormatter Json = new(new JsonFormatter.Settings(formatDefaultValues: false, ErrorStatus.Types));

    public static Task WriteAsync(HttpResponse response, StatusCode code, string text) =>
        WriteAsync(response, HttpCodes.Of(code), ErrorStatus.Of(code, text));

    public static Task WriteAsync(HttpResponse response, int httpStatus, Google.Rpc.Status status)
    {
        response.StatusCode = httpStatus;
        response.ContentType = "application/json; charset=utf-8";
        return response.WriteAsync(Json.Format(status));
    }
}
