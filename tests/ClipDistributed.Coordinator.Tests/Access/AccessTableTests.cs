using System.Net;
using System.Text;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Control.Callers;
using ClipDistributed.Coordinator.Tests.Scripted;
using Google.Api;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Access;

/// <summary>Each call with each kind of token, as gRPC and as JSON.</summary>
public sealed class AccessTableTests
{
    private const string RunId = "demo-1", OtherRun = "demo-2";

    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create<byte[]>(message => message, message => message);

    [Fact]
    public async Task Calls_EachTokenAndRole_AreServedOrRefusedAsTheProtosSay()
    {
        var first = await StartAsync();
        var tokens = new Dictionary<string, string?>
        {
            ["none"] = null,
            ["no token at all"] = "Aladdin:OpenSesame",
            ["unknown"] = TokenText.New().Text,
            ["viewer"] = await first.TokenAsync(Role.Viewer),
            ["operator"] = await first.TokenAsync(Role.Operator),
            ["admin"] = await first.TokenAsync(Role.Admin),
            ["host"] = await first.TokenAsync(Role.Host, host: "a"),
            ["expired"] = await first.TokenAsync(Role.Admin),
            ["revoked"] = await first.TokenAsync(Role.Admin),
            ["viewer of the run"] = await first.TokenAsync(Role.Viewer, runId: RunId),
            ["operator of the run"] = await first.TokenAsync(Role.Operator, runId: RunId),
            ["operator of another run"] = await first.TokenAsync(Role.Operator, runId: OtherRun),
        };
        tokens["wrong"] = Spoilt(tokens["admin"]!);
        await new AdminService.AdminServiceClient(first.Channel).RevokeTokenAsync(
            new RevokeTokenRequest { TokenId = Id(tokens["revoked"]!) });
        string expired = Id(tokens["expired"]!);
        await using var coordinator = await first.RestartAsync(state => StateDatabase.Change(
            state, $"UPDATE tokens SET Expires = '2026-01-02 03:04:05' WHERE TokenId = '{expired}'"));

        var wrong = new List<string>();
        foreach (var (name, token) in tokens)
        {
            using var channel = coordinator.Open(token);
            using var http = coordinator.Http(token);
            foreach (var method in Rpc.OfControl)
            {
                var expected = Expected(name, method);
                var (grpc, json) = (await CallAsync(channel, method), await CallAsync(http, method));
                if (grpc is not (StatusCode.Unauthenticated or StatusCode.PermissionDenied))
                    grpc = StatusCode.OK; // whatever else is wrong with the empty request
                if (json is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden))
                    json = HttpStatusCode.OK;
                if ((expected, Http(expected)) != (grpc, json))
                    wrong.Add($"{method.Name} with token '{name}': {grpc} {json}, not {expected}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Fact]
    public async Task Metrics_EachToken_AreForViewers()
    {
        await using var coordinator = await StartAsync();
        string?[] tokens =
        [
            null, await coordinator.TokenAsync(Role.Viewer), await coordinator.TokenAsync(Role.Host, host: "a"),
            await coordinator.TokenAsync(Role.Viewer, runId: RunId),
        ];
        var found = new List<HttpStatusCode>();
        foreach (string? token in tokens)
        {
            using var http = coordinator.Http(token);
            using var response = await http.GetAsync("/metrics");
            found.Add(response.StatusCode);
        }
        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.OK, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden], found);
    }

    /// <summary>Those on the other side say what is wrong and what to do, and no more than the caller knows.</summary>
    [Fact]
    public async Task Call_Refused_SaysWhyAndWhatToDo()
    {
        await using var coordinator = await StartAsync();
        string viewer = await coordinator.TokenAsync(Role.Viewer), unknown = TokenText.New().Text;
        Assert.Equal(
            "this call has no token; clipd finds that of a coordinator of this user and machine by itself, with --state DIR give "
                + "--token-file DIR/token, elsewhere one of clipd token create; other programs send 'Authorization: Bearer TOKEN'",
            await RefusalAsync(coordinator, null));
        Assert.Equal(
            $"this coordinator knows no token clipd_{Id(unknown)}, or it has another text; ask an admin for one",
            await RefusalAsync(coordinator, unknown));
        Assert.Equal(
            "ann has a token of role viewer, and this needs operator; ask an admin for such a token",
            await RefusalAsync(coordinator, viewer));
    }

    private static async Task<string> RefusalAsync(TestCoordinator coordinator, string? token)
    {
        using var channel = coordinator.Open(token);
        var call = new ControlService.ControlServiceClient(channel).StopRunAsync(new StopRunRequest { RunId = RunId });
        return (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync)).Status.Detail;
    }

    private static StatusCode Expected(string token, MethodDescriptor method)
    {
        bool namesRun = method.InputType.FindFieldByName("run_id") is not null;
        var required = CallRule.Of(method).Role!.Value;
        return token switch
        {
            "none" or "no token at all" or "unknown" or "wrong" or "expired" or "revoked" => StatusCode.Unauthenticated,
            "operator of another run" or "host" => StatusCode.PermissionDenied,
            "viewer" => Allowed(required == Role.Viewer),
            "operator" => Allowed(required is Role.Viewer or Role.Operator),
            "viewer of the run" => Allowed(namesRun && required == Role.Viewer),
            "operator of the run" => Allowed(namesRun && required is Role.Viewer or Role.Operator && namesRun),
            _ => StatusCode.OK,
        };

        static StatusCode Allowed(bool may) => may ? StatusCode.OK : StatusCode.PermissionDenied;
    }

    private static HttpStatusCode Http(StatusCode code) => code switch
    {
        StatusCode.Unauthenticated => HttpStatusCode.Unauthorized,
        StatusCode.PermissionDenied => HttpStatusCode.Forbidden,
        _ => HttpStatusCode.OK,
    };

    /// <summary>With a request that names the run and nothing else.</summary>
    private static async Task<StatusCode> CallAsync(ChannelBase channel, MethodDescriptor method)
    {
        byte[] request = method.InputType.FindFieldByName("run_id") is { } field
            ? [(byte)((field.FieldNumber << 3) | 2), (byte)RunId.Length, .. Encoding.ASCII.GetBytes(RunId)] : [];
        using var call = channel.CreateCallInvoker().AsyncServerStreamingCall(
            new Method<byte[], byte[]>(MethodType.ServerStreaming, method.Service.FullName, method.Name, Bytes, Bytes),
            null,
            new CallOptions(deadline: DateTime.UtcNow + TestCoordinator.Patience),
            request);
        try
        {
            await call.ResponseStream.MoveNext(CancellationToken.None);
            return StatusCode.OK;
        }
        catch (RpcException refused)
        {
            return refused.StatusCode;
        }
    }

    private static async Task<HttpStatusCode> CallAsync(HttpClient http, MethodDescriptor method)
    {
        var rule = method.GetOptions().GetExtension(AnnotationsExtensions.Http);
        string path = (rule.Get + rule.Post + rule.Delete)
            .Replace("{run_id}", RunId, StringComparison.Ordinal).Replace("{step}", "1", StringComparison.Ordinal)
            .Replace('{', '-').Replace('}', '-');
        string verb = rule.Get != "" ? "GET" : rule.Post != "" ? "POST" : "DELETE";
        using var request = new HttpRequestMessage(new HttpMethod(verb), path);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return response.StatusCode;
    }

    private static Task<TestCoordinator> StartAsync() => TestCoordinator.StartAsync(options =>
        options with { Http = "127.0.0.1:0", Limits = new CoordinatorLimits { FailedLogIns = 100_000 } });

    private static string Id(string token) => TokenText.TryParse(token)!.Value.Id;

    /// <summary>The same with another last character but one: the last one does not count whole.</summary>
    private static string Spoilt(string token) => $"{token[..^2]}{(token[^2] == 'A' ? 'B' : 'A')}{token[^1]}";
}
