using ClipDistributed.Collectives.Gloo;

namespace ClipDistributed.Collectives.Tests;

/// <summary>A group whose members are threads of this process.</summary>
internal static class Members
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);

    public static GlooOptions Options(int rank, int world) => new() { Rank = rank, World = world, Name = "generation 1" };

    /// <summary>Runs every member's part on a thread of its own and returns what they return, in rank order.</summary>
    public static T[] Run<T>(int world, Func<GlooCollective, T> part, Func<GlooOptions, GlooOptions>? with = null)
    {
        var rendezvous = new MemoryRendezvous();
        return Each(world, rank =>
        {
            var options = Options(rank, world);
            using var group = GlooCollective.Connect(with is null ? options : with(options), rendezvous);
            return part(group);
        });
    }

    public static T[] Each<T>(int world, Func<int, T> part)
    {
        var tasks = Enumerable
            .Range(0, world)
            .Select(rank => Task.Factory.StartNew(() => part(rank), TaskCreationOptions.LongRunning))
            .ToArray();
        Assert.True(
            Task.WhenAll(tasks).Wait(Bound),
            $"ranks {string.Join(", ", Enumerable.Range(0, world).Where(rank => !tasks[rank].IsCompleted))} did not finish"
        );
        return [.. tasks.Select(task => task.Result)];
    }
}
