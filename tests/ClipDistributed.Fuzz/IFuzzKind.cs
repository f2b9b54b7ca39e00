namespace ClipDistributed.Fuzz;

/// <summary>One kind of input that users, files or peers give.</summary>
internal interface IFuzzKind
{
    string Name { get; }

    /// <summary>Puts the mutated input of this seed, and what goes with it, into an empty folder.</summary>
    void Write(string folder, int seed);

    /// <summary>The commands of <c>clipd</c> that read it there, each as its arguments.</summary>
    IEnumerable<string[]> Commands(string folder);
}
