using static TorchSharp.torch;

namespace ClipDistributed.Model.Tests.Native;

public sealed class ScalarLifetimesTests
{
    [Fact]
    public void Add_WhileGarbageIsCollected_ReadsItsScalar()
    {
        using var over = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!over.IsCancellationRequested)
            {
                GC.Collect(0, GCCollectionMode.Forced, blocking: true);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            using var one = ones(1);
            for (int i = 0; i < 100_000; i++)
            {
                using var two = one + one; // alpha of add is a Scalar that no variable holds
                if (i % 1000 == 0)
                    Assert.Equal(2, two.item<float>());
            }
        }
        finally
        {
            over.Cancel();
            collector.Join();
        }
    }
}
