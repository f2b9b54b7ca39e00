using ClipDistributed.Training.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Tensors;

public sealed class TensorOperatorsTests
{
    private const double Lr = 3e-3, Beta1 = 0.9, Beta2 = 0.98, Decay = 0.2, Eps = 1e-6;
    private const int Steps = 5;
    private static readonly AdamWSettings Settings = new(Lr, Beta1, Beta2, Decay, Eps);

    // Less than a register, more than one, a prime, and enough that two threads share it.
    private static readonly long[] Sizes = [1, 17, 1009, 200_003];

    [Fact]
    public void Norms_AnySizes_AreThoseInDouble()
    {
        using var scope = NewDisposeScope();
        var tensors = Random(seed: 1);
        var norms = TensorOperators.Norms(tensors);
        Assert.Equal(tensors.Length, norms.Length);
        for (int i = 0; i < tensors.Length; i++)
        {
            Assert.Empty(norms[i].shape);
            double expected = Math.Sqrt(tensors[i].data<float>().Sum(value => (double)value * value));
            Assert.Equal(1, norms[i].item<float>() / expected, 1e-5);
        }
    }

    [Fact]
    public void FusedAdamW_SeveralSteps_FollowsTheAlgorithmInDouble()
    {
        using var scope = NewDisposeScope();
        var actual = Train();
        var parameters = Random(seed: 1).Select(Doubles).ToArray();
        var means = parameters.Select(values => new double[values.Length]).ToArray();
        var squares = parameters.Select(values => new double[values.Length]).ToArray();
        for (int step = 1; step <= Steps; step++)
        {
            var gradients = Random(seed: 1 + step).Select(Doubles).ToArray();
            for (int i = 0; i < parameters.Length; i++)
                AdamW(parameters[i], gradients[i], means[i], squares[i], step);
        }
        for (int i = 0; i < Sizes.Length; i++)
        {
            Golden.AssertClose(tensor(parameters[i]), actual.Parameters[i], 1e-6, 1e-6, $"parameters of {Sizes[i]}");
            Golden.AssertClose(tensor(means[i]), actual.Means[i], 1e-6, 1e-6, $"means of {Sizes[i]}");
            Golden.AssertClose(tensor(squares[i]), actual.Squares[i], 1e-6, 1e-6, $"squares of {Sizes[i]}");
        }
    }

    [Fact]
    public void FusedAdamW_OneAndTwoThreads_GiveTheSameBits()
    {
        using var scope = NewDisposeScope();
        var one = Threads.Run(1, Train);
        var two = Threads.Run(2, Train);
        for (int i = 0; i < Sizes.Length; i++)
        {
            Golden.AssertSameBits(one.Parameters[i], two.Parameters[i], $"parameters of {Sizes[i]}");
            Golden.AssertSameBits(one.Means[i], two.Means[i], $"means of {Sizes[i]}");
            Golden.AssertSameBits(one.Squares[i], two.Squares[i], $"squares of {Sizes[i]}");
        }
    }

    /// <summary>What is passed to the compiled operator must live until the call is over.</summary>
    [Fact]
    public void FusedAdamW_WhileMemoryIsCollected_TakesTheSameSettings()
    {
        using var scope = NewDisposeScope();
        using var over = new CancellationTokenSource();
        var collecting = new Thread(() =>
        {
            while (!over.IsCancellationRequested)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        collecting.IsBackground = true; // a call that fails leaves it running
        collecting.Start();
        Tensor[] parameters = [.. Enumerable.Range(0, 100).Select(_ => ones(1))];
        Tensor[] zero = [.. parameters.Select(_ => zeros(1))],
            means = [.. zero.Select(value => value.clone())],
            squares = [.. zero.Select(value => value.clone())];
        var tensors = new AdamWTensors(parameters, zero, means, squares);
        var number = ones([]);
        const int Calls = 300;
        for (int call = 0; call < Calls; call++)
            TensorOperators.FusedAdamW(tensors, number, Settings);
        over.Cancel();
        collecting.Join();
        Assert.All(parameters, parameter => Assert.Equal(Math.Pow(1 - Lr * Decay, Calls), parameter.item<float>(), 1e-4));
    }

    private static (Tensor[] Parameters, Tensor[] Means, Tensor[] Squares) Train()
    {
        var parameters = Random(seed: 1);
        Tensor[] means = [.. parameters.Select(value => zeros_like(value))], squares = [.. parameters.Select(value => zeros_like(value))];
        for (int step = 1; step <= Steps; step++)
            TensorOperators.FusedAdamW(
                new AdamWTensors(parameters, Random(seed: 1 + step), means, squares), tensor((float)step), Settings);
        return (parameters, means, squares);
    }

    /// <summary>arXiv 1711.05101, algorithm 2, with the decay times the learning rate as PyTorch has it.</summary>
    private static void AdamW(double[] parameter, double[] gradient, double[] mean, double[] square, int step)
    {
        for (int i = 0; i < parameter.Length; i++)
        {
            mean[i] = Beta1 * mean[i] + (1 - Beta1) * gradient[i];
            square[i] = Beta2 * square[i] + (1 - Beta2) * gradient[i] * gradient[i];
            double update = mean[i] / (1 - Math.Pow(Beta1, step)) / (Math.Sqrt(square[i] / (1 - Math.Pow(Beta2, step))) + Eps);
            parameter[i] = parameter[i] * (1 - Lr * Decay) - Lr * update;
        }
    }

    private static Tensor[] Random(int seed)
    {
        using var generator = new Generator((ulong)seed, CPU);
        return [.. Sizes.Select(size => randn([size], generator: generator))];
    }

    private static double[] Doubles(Tensor values) => [.. values.data<float>().Select(value => (double)value)];
}
