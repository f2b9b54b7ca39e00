using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Demo;

/// <summary>What a scene's random numbers are drawn for. Each aspect has draws of its own, so changing one leaves the others.</summary>
internal enum SceneAspect : uint
{
    Layout = 1,
    Caption = 2,
    Texture = 3,
}

/// <summary>Philox draws of one scene: any image can be made again without the images before it.</summary>
internal static class DemoRandom
{
    public static PhiloxSequence For(ulong seed, ShapesSplit split, int index, SceneAspect aspect) =>
        new(new PhiloxKey((uint)seed, (uint)(seed >> 32)), (uint)split, (uint)index, (uint)aspect);

    /// <summary>One of the items, all equally likely.</summary>
    public static T Pick<T>(ref this PhiloxSequence random, IReadOnlyList<T> items) =>
        items[(int)((ulong)random.NextWord() * (ulong)items.Count >> 32)];

    /// <summary>A number in [low, high).</summary>
    public static float Between(ref this PhiloxSequence random, double low, double high) =>
        (float)(low + random.NextDouble() * (high - low));

    /// <summary>True with this probability.</summary>
    public static bool Chance(ref this PhiloxSequence random, double probability) => random.NextDouble() < probability;
}
