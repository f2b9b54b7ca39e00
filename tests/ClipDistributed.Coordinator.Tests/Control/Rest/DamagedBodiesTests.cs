using System.Net;
using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Control.Rest;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.TestKit.Mutations;
using CsCheck;
using Google.Api;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;
using Microsoft.AspNetCore.Http;

namespace ClipDistributed.Coordinator.Tests.Control.Rest;

/// <summary>Bodies with bytes changed, lost and doubled, values of other types, too deep, cut off.</summary>
public sealed class DamagedBodiesTests
{
    private const int MaxBytes = 100_000;

    /// <summary>Wrong at both ends: no damage at one place makes a job of it.</summary>
    private const string Body =
        """
        {"spec":{"name":"Demo!","seed":"7","data":{"train":[{"path":"/none/at/all","name":"größe"}],"shuffle_block":6},
        "model":{"preset":"tiny"},
        "batch":{"global":8,"streams":2},"loss":"LOSS_SIGMOID","optimizer":{"name":"adamw","lr":5e-4,"beta1":null},"precision":"bfloat16",
        "evaluate":{"everySteps":10},"replicas":{"min":1,"max":2},"runDirectory":"/none/\u0062","samples":0},"resume":false}
        """;

    /// <summary>What is let through is a request to protobuf's own, strict reader too.</summary>
    [Fact]
    public void Check_DamagedBody_IsRefusedOrARequest() =>
        DamagedText.Of(Body).Sample(
            bytes =>
            {
                if (TryCheck(bytes) is { } json)
                    SubmitJobRequest.Parser.ParseJson(json);
            },
            iter: 10_000,
            threads: 1);

    [Fact]
    public async Task Submit_DamagedBodies_AreAnsweredAndNoneIsAFailure()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { Http = "127.0.0.1:0" });
        using var client = coordinator.Http();
        foreach (byte[] bytes in DamagedText.Of(Body).Array[200].Single())
        {
            using var content = new ByteArrayContent(bytes);
            content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
            using var response = await client.PostAsync("/v1/jobs", content);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.Equal(3, (int)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["code"]!);
        }
    }

    /// <returns>The body as the transcoder receives it; null: refused.</returns>
    private static string? TryCheck(byte[] bytes)
    {
        var method = ControlService.Descriptor.FindMethodByName("SubmitJob");
        var call = new GrpcJsonTranscodingMetadata(method, method.GetOptions().GetExtension(AnnotationsExtensions.Http));
        var request = new DefaultHttpContext().Request;
        (request.Body, request.ContentType) = (new MemoryStream(bytes), "application/json");
        try
        {
            RestRequest.CheckAsync(request, call, MaxBytes).GetAwaiter().GetResult();
        }
        catch (Exception refused) when (refused is BadInputException or RequestRefusedException)
        {
            return null;
        }
        using var read = new StreamReader(request.Body);
        return read.ReadToEnd();
    }
}
