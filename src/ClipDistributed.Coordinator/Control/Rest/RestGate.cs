using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Certificates;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Settings;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ClipDistributed.Coordinator.Control.Rest;

/// <summary>The control API as JSON over HTTP: who may call, what a call holds, and how its errors look.</summary>
/// <param name="certificate">Null: it speaks no TLS.</param>
internal sealed class RestGate(CoordinatorOptions options, ServerCertificate? certificate = null) : IMiddleware
{
    /// <summary>Of the transcoder, which logs the failures of calls once more.</summary>
    public const string Category = "Grpc.AspNetCore.Grpc.JsonTranscoding.ServerCallHandler";

    private readonly BrowserCheck browsers = new(
        [Environment.MachineName, .. options.HttpNames], name => certificate?.Certificate.MatchesHostname(name) == true);

    public static void Add(IGrpcServerBuilder grpc)
    {
        grpc.Services.AddSingleton<RestGate>();
        grpc.AddJsonTranscoding(json => json.TypeRegistry = ErrorStatus.Types);
    }

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var (request, response) = (context.Request, context.Response);
        var call = context.GetEndpoint()?.Metadata.GetMetadata<GrpcJsonTranscodingMetadata>();
        if (call is null && HttpProtocol.IsHttp2(request.Protocol) && request.Headers.Origin.Count == 0) // gRPC, and no page's
        {
            await next(context);
            return;
        }
        try
        {
            browsers.Run(request);
            if (call is not null)
            {
                await RestRequest.CheckAsync(request, call, options.Limits.MessageBytes);
                if (call.MethodDescriptor.IsServerStreaming)
                    response.OnStarting(() => NameLines(response));
            }
        }
        catch (RequestRefusedException refused)
        {
            int status = refused.Status == StatusCode.ResourceExhausted // of what is read here, a body alone
                ? StatusCodes.Status413PayloadTooLarge
                : HttpCodes.Of(refused.Status);
            await RestError.WriteAsync(response, status, ErrorStatus.Of(refused.Status, refused.Message));
            return;
        }
        catch (BadHttpRequestException broken) // it came too slowly, or not whole; Kestrel would log an error each time
        {
            var code = broken.StatusCode == StatusCodes.Status408RequestTimeout ? StatusCode.DeadlineExceeded : StatusCode.InvalidArgument;
            await RestError.WriteAsync(
                response, broken.StatusCode, ErrorStatus.Of(code, $"the request could not be read: {broken.Message}"));
            return;
        }
        catch (BadInputException bad)
        {
            await RestError.WriteAsync(response, StatusCodes.Status400BadRequest, ErrorStatus.Of(bad));
            return;
        }
        await next(context);
        if (!response.HasStarted && response.ContentType is null)
            await ExplainAsync(request, response);
    }

    /// <summary>An object a line is not a JSON document.</summary>
    private static Task NameLines(HttpResponse response)
    {
        if (response.StatusCode == StatusCodes.Status200OK && response.ContentLength is null) // a file has a length
            response.ContentType = "application/x-ndjson; charset=utf-8";
        return Task.CompletedTask;
    }

    private static Task ExplainAsync(HttpRequest request, HttpResponse response) => response.StatusCode switch
    {
        StatusCodes.Status404NotFound => RestError.WriteAsync(
            response,
            StatusCode.NotFound,
            $"{request.Method} {request.Path} is not a call; /docs lists those that there are"),
        StatusCodes.Status405MethodNotAllowed => RestError.WriteAsync(
            response,
            response.StatusCode,
            ErrorStatus.Of(StatusCode.Unimplemented, $"{request.Path} does not take {request.Method}; use {response.Headers.Allow}")),
        _ => Task.CompletedTask,
    };
}
