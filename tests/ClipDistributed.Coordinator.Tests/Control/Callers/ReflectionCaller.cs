using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Reflection.V1Alpha;

namespace ClipDistributed.Coordinator.Tests.Control.Callers;

/// <summary>gRPC without the protos: what there is to call is asked of the server.</summary>
internal sealed class ReflectionCaller : MessageCaller
{
    private const string Package = "clipdistributed.control.v1.";

    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create<byte[]>(message => message, message => message);

    private readonly GrpcChannel channel;
    private readonly IReadOnlyList<MethodDescriptor> methods;

    private ReflectionCaller(GrpcChannel channel, IReadOnlyList<MethodDescriptor> methods) =>
        (this.channel, this.methods) = (channel, methods);

    public static async Task<ReflectionCaller> ConnectAsync(GrpcChannel channel)
    {
        using var call = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo();
        var files = new Dictionary<string, (FileDescriptorProto File, ByteString Data)>(StringComparer.Ordinal);
        var services = await AskAsync(new ServerReflectionRequest { ListServices = "" });
        foreach (var service in services.ListServicesResponse.Service)
        {
            if (service.Name.StartsWith(Package, StringComparison.Ordinal))
                await AddAsync(new ServerReflectionRequest { FileContainingSymbol = service.Name });
        }
        while (files.Values.SelectMany(file => file.File.Dependency).FirstOrDefault(name => !files.ContainsKey(name)) is { } missing)
            await AddAsync(new ServerReflectionRequest { FileByFilename = missing });
        await call.RequestStream.CompleteAsync();
        var built = FileDescriptor.BuildFromByteStrings(InOrder(files));
        return new ReflectionCaller(channel, [.. built.SelectMany(file => file.Services).SelectMany(service => service.Methods)]);

        async Task<ServerReflectionResponse> AskAsync(ServerReflectionRequest request)
        {
            await call.RequestStream.WriteAsync(request);
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Null(call.ResponseStream.Current.ErrorResponse);
            return call.ResponseStream.Current;
        }

        async Task AddAsync(ServerReflectionRequest request)
        {
            foreach (var data in (await AskAsync(request)).FileDescriptorResponse.FileDescriptorProto)
            {
                var file = FileDescriptorProto.Parser.ParseFrom(data);
                files[file.Name] = (file, data);
            }
        }
    }

    protected override async Task<JsonObject> CallAsync(string rpc, JsonObject request)
    {
        try
        {
            var method = methods.Single(one => one.Name == rpc);
            byte[] answer = await channel.CreateCallInvoker().AsyncUnaryCall(
                Method(MethodType.Unary, method), null, default, DynamicMessage.Write(request, method.InputType)).ResponseAsync;
            return DynamicMessage.Read(answer, method.OutputType);
        }
        catch (RpcException refused) when (refused.StatusCode == StatusCode.FailedPrecondition)
        {
            throw new FailedPreconditionException(refused.Status.Detail);
        }
    }

    protected override async IAsyncEnumerable<JsonObject> StreamAsync(string rpc, JsonObject request)
    {
        var method = methods.Single(one => one.Name == rpc);
        using var call = channel.CreateCallInvoker().AsyncServerStreamingCall(
            Method(MethodType.ServerStreaming, method), null, default, DynamicMessage.Write(request, method.InputType));
        await foreach (byte[] message in call.ResponseStream.ReadAllAsync())
            yield return DynamicMessage.Read(message, method.OutputType);
    }

    public override void Dispose() => channel.Dispose();

    private static Method<byte[], byte[]> Method(MethodType type, MethodDescriptor method) =>
        new(type, method.Service.FullName, method.Name, Bytes, Bytes);

    /// <summary>Each after those that it imports.</summary>
    private static IEnumerable<ByteString> InOrder(Dictionary<string, (FileDescriptorProto File, ByteString Data)> files)
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        while (done.Count < files.Count)
        {
            foreach (var (name, (file, data)) in files.Where(entry => entry.Value.File.Dependency.All(done.Contains)).ToList())
            {
                if (done.Add(name))
                    yield return data;
            }
        }
    }
}
