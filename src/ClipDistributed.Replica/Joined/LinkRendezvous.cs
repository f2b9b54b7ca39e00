using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Runs;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace ClipDistributed.Replica.Joined;

/// <summary>The addresses of a generation's members, stored by the coordinator. Every generation has keys of its own: none reads those of
/// an earlier one.</summary>
/// <param name="secret">Of this replica's calls now.</param>
internal sealed class LinkRendezvous(GrpcChannel channel, JoinRequest request, Func<ByteString> secret, long generation)
    : IRendezvous, IDisposable
{
    private readonly ReplicaService.ReplicaServiceClient client = new(channel);

    public void Set(string key, byte[] value) =>
        Call(() =>
            client.SetRendezvous(
                new SetRendezvousRequest
                {
                    RunId = request.RunId,
                    Generation = generation,
                    Key = key,
                    Value = ByteString.CopyFrom(value),
                    ReplicaId = request.ReplicaId,
                    Secret = secret(),
                }
            )
        );

    public byte[] Get(string key, TimeSpan timeout) =>
        Call(() => client.GetRendezvous(new GetRendezvousRequest
        {
            RunId = request.RunId, Generation = generation, Key = key, ReplicaId = request.ReplicaId, Secret = secret(),
        }, deadline: DateTime.UtcNow + timeout)).Value.ToByteArray();

    public void Dispose() => channel.Dispose();

    private T Call<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (RpcException late) when (late.StatusCode == StatusCode.DeadlineExceeded)
        {
            throw new TimeoutException(late.Status.Detail, late);
        }
        catch (RpcException failed)
        {
            throw new CollectiveException("rendezvous", $"generation {generation}", failed.Status.Detail);
        }
    }
}
