using System.Globalization;
using System.Text.RegularExpressions;
using ClipDistributed.Collectives.Cuda;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.TestKit.Gpu;
using ClipDistributed.Training.Memory;

namespace ClipDistributed.Training.Tests.Memory;

public sealed partial class MemoryFitTests
{
    private const long GiB = 1L << 30;
    private const int Cases = 60;

    private static readonly string[] Transformers = ["tiny", "small", "ViT-B-32", "ViT-B-16", "ViT-L-14"];

    [Fact]
    public void MicroBatch_AnyGpu_IsTheLargestThatFits()
    {
        int fitted = 0;
        for (int seed = 0; seed < Cases; seed++)
        {
            var fit = Random(seed);
            int micro = fit.MicroBatch(asked: null);
            if (fit.Plan(micro).Gpu!.Total > fit.Limits.Gpu!.Free)
            {
                Assert.Equal(1, micro);
                Assert.Throws<BadInputException>(() => fit.Check(micro, MicroBatchOrigin.Auto));
                continue;
            }
            fitted++;
            fit.Check(micro, MicroBatchOrigin.Auto);
            Assert.True(
                micro == Math.Min(fit.Needs.GlobalBatch, MicroBatchSize.MaxOnGpu) || fit.Plan(2 * micro).Gpu!.Total > fit.Limits.Gpu.Free,
                $"{micro} rows in case {seed}"
            );
        }
        Assert.InRange(fitted, Cases / 4, Cases - 1);
    }

    [Fact]
    public void MicroBatch_LargerGpu_IsNeverSmaller()
    {
        for (int seed = 0; seed < Cases / 4; seed++)
        {
            var fit = Random(seed);
            int before = 0;
            for (long free = GiB; free <= 256 * GiB; free *= 2)
            {
                int micro = With(fit, free).MicroBatch(asked: null);
                Assert.True(micro >= before, $"{micro} rows after {before} with {free / GiB} GiB in case {seed}");
                before = micro;
            }
        }
    }

    [Fact]
    public void Check_TooSmallAGpu_NamesTheSmallestThatFits()
    {
        int refusals = 0;
        for (int seed = 0; seed < Cases; seed++)
        {
            var fit = Random(seed);
            int micro = fit.MicroBatch(asked: null);
            if (fit.Plan(micro).Gpu!.Total <= fit.Limits.Gpu!.Free)
                continue;
            refusals++;
            var refused = Assert.Throws<BadInputException>(() => fit.Check(micro, MicroBatchOrigin.Auto));
            Assert.True(refused.OfDevice);
            double named = double.Parse(Named().Match(Assert.Single(refused.Errors)).Groups[1].Value, CultureInfo.InvariantCulture);
            var enough = With(fit, (long)(named * GiB));
            enough.Check(enough.MicroBatch(asked: null), MicroBatchOrigin.Auto);
            var less = With(fit, (long)((named - 0.1) * GiB));
            Assert.Throws<BadInputException>(() => less.Check(less.MicroBatch(asked: null), MicroBatchOrigin.Auto));
        }
        Assert.InRange(refusals, 5, Cases);
    }

    /// <summary>With batch normalisation the micro-batch is a part of the trajectory.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(80)]
    [InlineData(1000)]
    public void MicroBatch_BatchNorm_IsTheSameOnEveryGpu(long free) =>
        Assert.Equal(32, With(ResNet, free * GiB).MicroBatch(asked: null));

    [Fact]
    public void Check_BatchNormOnTooSmallAGpu_IsRefusedWithTheArithmetic()
    {
        var fit = With(ResNet, 4 * GiB);
        string error = Refusal(fit, MicroBatchOrigin.Auto);
        var plan = fit.Plan(32).Gpu!;
        Assert.All(plan.Parts, part => Assert.Contains($"{part.Name} {MemoryPlan.Show(part.Bytes)}", error, StringComparison.Ordinal));
        Assert.Contains("on cuda:0, which has 4.0 GiB free of 16.0 GiB: ", error, StringComparison.Ordinal);
        Assert.Contains("of 32 rows, ", error, StringComparison.Ordinal);
        Assert.Contains("Set batch.micro to a smaller divisor of batch.global (it is 32: ", error, StringComparison.Ordinal);
        Assert.Contains("or end what else uses it", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_MicroBatchOfTheSpec_IsToBeLowered() =>
        Assert.Contains(
            "Lower batch.micro (it is 32), lower batch.global, set precision to bfloat16, ",
            Refusal(Transformer(free: GiB), MicroBatchOrigin.Spec),
            StringComparison.Ordinal
        );

    [Fact]
    public void Check_RunThatHasBegun_KeepsItsMicroBatch()
    {
        string error = Refusal(Transformer(free: GiB), MicroBatchOrigin.Settled);
        Assert.Contains("The run keeps the micro-batch of 32 that it began with: take a GPU with ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("ower batch", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_HostTooSmall_IsRefusedWithTheArithmetic()
    {
        var needs = Transformer(free: GiB).Needs;
        var plan = ReplicaMemory.Largest(needs with { MicroBatch = 32 }, maxReplicas: 1).Host;
        Fit(plan.Total).Check(32, MicroBatchOrigin.Auto);
        string error = Refusal(Fit(plan.Total - 1), MicroBatchOrigin.Auto);
        Assert.All(plan.Parts, part => Assert.Contains($"{part.Name} {MemoryPlan.Show(part.Bytes)}", error, StringComparison.Ordinal));
        Assert.Contains("Lower batch.micro (it is 32)", error, StringComparison.Ordinal);

        MemoryFit Fit(long host) => new(needs, 1, new MemoryLimits(host, Gpu: null));
    }

    [Fact]
    public void Check_BothTooSmall_SaysBoth()
    {
        var fit = Transformer(free: GiB);
        fit = fit with { Limits = fit.Limits with { Host = GiB } };
        var refused = Assert.Throws<BadInputException>(() => fit.Check(32, MicroBatchOrigin.Auto));
        Assert.Collection(
            refused.Errors,
            error => Assert.Contains("of memory on this host", error, StringComparison.Ordinal),
            error => Assert.Contains("of memory on cuda:0", error, StringComparison.Ordinal)
        );
        Assert.False(refused.OfDevice); // another GPU of this host would not help
    }

    /// <summary>Of the numbers that the CUDA runtime gives, here its stand-in's.</summary>
    [Fact]
    public void MicroBatch_MemoryOfTheGpuIsTaken_IsWhatTheRestHasRoomFor()
    {
        StandIn.SetMemory(12 * GiB);
        nint taken = 0;
        try
        {
            int whole = MicroBatch();
            taken = StandIn.Allocate(6 * GiB);
            int rest = MicroBatch();
            Assert.InRange(whole, 2 * rest, MicroBatchSize.MaxOnGpu);
            Assert.InRange(rest, 1, whole);
        }
        finally
        {
            StandIn.Free(taken);
            StandIn.SetMemory(StandIn.DefaultMemory);
        }

        static int MicroBatch()
        {
            var fit = Transformer(free: 0);
            fit = fit with { Limits = fit.Limits with { Gpu = CudaMemory.Of(0, StandIn.Library) } };
            int micro = fit.MicroBatch(asked: null);
            fit.Check(micro, MicroBatchOrigin.Auto);
            return micro;
        }
    }

    private static MemoryFit ResNet => Of("RN50", globalBatch: 32768, replicas: 8);

    private static MemoryFit Transformer(long free) => With(Of("ViT-B-32", globalBatch: 4096, replicas: 2), free);

    private static MemoryFit Of(string preset, long globalBatch, int replicas) => new(
        new MemoryNeeds(
            ModelPresets.Find(preset)!.Model,
            OptimizerName.Adamw,
            Precision.Float32,
            globalBatch,
            MicroBatch: 0,
            replicas,
            ReadBytes: 64 << 20,
            Evaluates: false,
            HeldOutBytes: 0
        ),
        replicas,
        new MemoryLimits(long.MaxValue, new CudaMemory(0, 0, 16 * GiB))
    );

    private static MemoryFit With(MemoryFit fit, long free) =>
        fit with { Limits = fit.Limits with { Gpu = new CudaMemory(0, free, Math.Max(free, 16 * GiB)) } };

    private static MemoryFit Random(int seed)
    {
        var random = new Random(seed);
        string preset = Transformers[random.Next(Transformers.Length)];
        var fit = Of(preset, globalBatch: random.Next(2, 1 << random.Next(2, 16)), replicas: random.Next(1, 33));
        var needs = fit.Needs with
        {
            Optimizer = random.Next(2) == 0 ? OptimizerName.Adamw : OptimizerName.Sgd,
            Precision = random.Next(2) == 0 ? Precision.Float32 : Precision.Bfloat16,
            Evaluates = random.Next(2) == 0,
        };
        return With(fit with { Needs = needs }, (long)(GiB * Math.Pow(2, 7 * random.NextDouble())));
    }

    private static string Refusal(MemoryFit fit, MicroBatchOrigin origin) =>
        Assert.Single(Assert.Throws<BadInputException>(() => fit.Check(32, origin)).Errors);

    [GeneratedRegex("at least ([0-9.]+) GiB free")]
    private static partial Regex Named();
}
