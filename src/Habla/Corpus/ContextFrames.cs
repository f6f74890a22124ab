namespace Habla.Corpus;

/// <summary>
/// The hand-written frames of the context sentences: for every verb and tense a short one and a longer one. "{}" is the
/// conjugated form with its subject, "{my}" the possessive that agrees with the subject (my, your, his / mi, tu, su).
/// </summary>
/// <remarks>
/// A frame names no other verb of the corpus, not even as a noun (no "trabajo", no "a walk"), so that a held-out verb shows
/// up nowhere in training. Nothing in a frame agrees in gender with its subject.
/// </remarks>
internal static class ContextFrames
{
    private const string Table = """
        work
          infinitive       it is good to {} at home               | es bueno {} en casa
          infinitive       it is hard to {} at night              | es difícil {} de noche
          present_simple   {} a lot                               | {} mucho
          present_simple   {} in an office every day              | {} en una oficina cada día
          past_simple      {} here                                | {} aquí
          past_simple      {} in the garden yesterday             | {} en el jardín ayer
          past_participle  {} hard today                          | {} duro hoy
          past_participle  this week {} with {my} father          | esta semana {} con {my} padre
          future_will      {} there                               | {} allí
          future_will      tomorrow {} until nine                 | mañana {} hasta las nueve
          future_going_to  {} less                                | {} menos
          future_going_to  {} in a bank next year                 | {} en un banco el próximo año
        play
          infinitive       it is fun to {} in the snow            | es divertido {} en la nieve
          infinitive       it is good to {} with children         | es bueno {} con niños
          present_simple   {} well                                | {} bien
          present_simple   {} tennis every week                   | {} al tenis cada semana
          past_simple      {} there                               | {} allí
          past_simple      yesterday {} in the park               | ayer {} en el parque
          past_participle  {} a lot                               | {} mucho
          past_participle  {} football this morning               | {} al fútbol esta mañana
          future_will      {} here                                | {} aquí
          future_will      {} with {my} brother tomorrow          | {} con {my} hermano mañana
          future_going_to  {} again                               | {} otra vez
          future_going_to  {} chess tonight                       | {} al ajedrez esta noche
        walk
          infinitive       it is good to {} every day             | es bueno {} cada día
          infinitive       it is nice to {} in the park           | es agradable {} en el parque
          present_simple   {} a lot                               | {} mucho
          present_simple   {} to the office every morning         | {} a la oficina cada mañana
          past_simple      {} home                                | {} a casa
          past_simple      {} to school yesterday                 | {} a la escuela ayer
          past_participle  {} today                               | {} hoy
          past_participle  {} by the river this week              | {} junto al río esta semana
          future_will      {} there                               | {} allí
          future_will      tomorrow {} to the market              | mañana {} al mercado
          future_going_to  {} now                                 | {} ahora
          future_going_to  {} with {my} dog tonight               | {} con {my} perro esta noche
        talk
          infinitive       it is easy to {} with friends          | es fácil {} con amigos
          infinitive       it is good to {} about books           | es bueno {} de libros
          present_simple   {} a lot                               | {} mucho
          present_simple   {} with {my} mother every night        | {} con {my} madre cada noche
          past_simple      {} too much                            | {} demasiado
          past_simple      yesterday {} about the film            | ayer {} de la película
          past_participle  {} today                               | {} hoy
          past_participle  {} with the doctor this morning        | {} con el médico esta mañana
          future_will      {} soon                                | {} pronto
          future_will      {} with {my} friend tomorrow           | {} con {my} amigo mañana
          future_going_to  {} now                                 | {} ahora
          future_going_to  {} about the trip tonight              | {} del viaje esta noche
        listen
          infinitive       it is good to {} to music              | es bueno {} música
          infinitive       it is important to {} in class         | es importante {} en clase
          present_simple   {} well                                | {} bien
          present_simple   {} to the radio every morning          | {} la radio cada mañana
          past_simple      {} to music                            | {} música
          past_simple      {} to the teacher yesterday            | {} al profesor ayer
          past_participle  {} today                               | {} hoy
          past_participle  {} to the song many times              | {} la canción muchas veces
          future_will      {} now                                 | {} ahora
          future_will      tomorrow {} to the news                | mañana {} las noticias
          future_going_to  {} again                               | {} otra vez
          future_going_to  {} to {my} sister tonight              | {} a {my} hermana esta noche
        watch
          infinitive       it is nice to {} the birds             | es agradable {} los pájaros
          infinitive       it is fun to {} the game               | es divertido {} el partido
          present_simple   {} the sea                             | {} el mar
          present_simple   {} the stars every night               | {} las estrellas cada noche
          past_simple      {} a film                              | {} una película
          past_simple      {} the children in the park            | {} a los niños en el parque
          past_participle  {} the news                            | {} las noticias
          past_participle  {} two films this week                 | {} dos películas esta semana
          future_will      {} the game                            | {} el partido
          future_will      {} the race tomorrow                   | {} la carrera mañana
          future_going_to  {} the rain                            | {} la lluvia
          future_going_to  {} television tonight                  | {} la televisión esta noche
        study
          infinitive       it is good to {} every day             | es bueno {} cada día
          infinitive       it is hard to {} with noise            | es difícil {} con ruido
          present_simple   {} a lot                               | {} mucho
          present_simple   {} in the library every week           | {} en la biblioteca cada semana
          past_simple      {} here                                | {} aquí
          past_simple      {} for the exam yesterday              | {} para el examen ayer
          past_participle  {} well                                | {} bien
          past_participle  {} history this morning                | {} historia esta mañana
          future_will      {} more                                | {} más
          future_will      {} with {my} cousin tomorrow           | {} con {my} primo mañana
          future_going_to  {} music                               | {} música
          future_going_to  next year {} in the city               | el próximo año {} en la ciudad
        finish
          infinitive       it is good to {} early                 | es bueno {} temprano
          infinitive       it is hard to {} a long book           | es difícil {} un libro largo
          present_simple   {} early                               | {} temprano
          present_simple   {} the class at five every day         | {} la clase a las cinco cada día
          past_simple      {} late                                | {} tarde
          past_simple      {} the letter yesterday                | {} la carta ayer
          past_participle  {} already                             | {} ya
          past_participle  {} the book this week                  | {} el libro esta semana
          future_will      {} soon                                | {} pronto
          future_will      tomorrow {} the race                   | mañana {} la carrera
          future_going_to  {} first                               | {} primero
          future_going_to  {} dinner before ten                   | {} la cena antes de las diez
        start
          infinitive       it is hard to {} again                 | es difícil {} otra vez
          infinitive       it is good to {} the day with coffee   | es bueno {} el día con café
          present_simple   {} early                               | {} temprano
          present_simple   {} the class at eight every day        | {} la clase a las ocho cada día
          past_simple      {} late                                | {} tarde
          past_simple      yesterday {} a new book                | ayer {} un libro nuevo
          past_participle  {} well                                | {} bien
          past_participle  {} the course this week                | {} el curso esta semana
          future_will      {} soon                                | {} pronto
          future_will      {} the trip tomorrow                   | {} el viaje mañana
          future_going_to  {} today                               | {} hoy
          future_going_to  {} dinner at nine                      | {} la cena a las nueve
        look
          infinitive       it is good to {} at the map            | es bueno {} el mapa
          infinitive       it is nice to {} at the sky            | es agradable {} el cielo
          present_simple   {} here                                | {} aquí
          present_simple   {} at the clock every hour             | {} el reloj cada hora
          past_simple      {} back                                | {} atrás
          past_simple      {} at the old photo yesterday          | {} la foto vieja ayer
          past_participle  {} there                               | {} allí
          past_participle  {} at {my} phone many times            | {} {my} teléfono muchas veces
          future_will      {} again                               | {} otra vez
          future_will      tomorrow {} at the house               | mañana {} la casa
          future_going_to  {} now                                 | {} ahora
          future_going_to  {} at the moon tonight                 | {} la luna esta noche
        want
          infinitive       it is normal to {} more                | es normal {} más
          infinitive       it is easy to {} a big house           | es fácil {} una casa grande
          present_simple   {} water                               | {} agua
          present_simple   {} a new car now                       | {} un coche nuevo ahora
          past_simple      {} more                                | {} más
          past_simple      {} the red shirt yesterday             | {} la camisa roja ayer
          past_participle  {} peace                               | {} paz
          past_participle  {} a dog for years                     | {} un perro durante años
          future_will      {} coffee                              | {} café
          future_will      tomorrow {} the same                   | mañana {} lo mismo
          future_going_to  {} more                                | {} más
          future_going_to  {} a bigger room next year             | {} un cuarto más grande el próximo año
        like
          infinitive       you might {} winter                    | te puede {} el invierno
          infinitive       he might {} the film                   | le puede {} la película
          present_simple   {} music                               | {} la música
          present_simple   {} the cold water of the river         | {} el agua fría del río
          past_simple      {} the film                            | {} la película
          past_simple      {} the dinner yesterday                | {} la cena ayer
          past_participle  {} the book                            | {} el libro
          past_participle  {} the class this week                 | {} la clase esta semana
          future_will      {} the city                            | {} la ciudad
          future_will      tomorrow {} the beach                  | mañana {} la playa
          future_going_to  {} the game                            | {} el partido
          future_going_to  {} the concert tonight                 | {} el concierto esta noche
        be
          infinitive       it is good to {} at home               | es bueno {} en casa
          infinitive       it is nice to {} by the sea            | es agradable {} junto al mar
          present_simple   {} here                                | {} aquí
          present_simple   {} in the kitchen now                  | {} en la cocina ahora
          past_simple      {} there                               | {} allí
          past_simple      {} at the market yesterday             | {} en el mercado ayer
          past_participle  {} in bed                              | {} en la cama
          past_participle  {} in the hospital this week           | {} en el hospital esta semana
          future_will      {} at home                             | {} en casa
          future_will      tomorrow {} with {my} family           | mañana {} con {my} familia
          future_going_to  {} well                                | {} bien
          future_going_to  {} at the beach in summer              | {} en la playa en verano
        have
          infinitive       it is good to {} friends               | es bueno {} amigos
          infinitive       it is important to {} free time        | es importante {} tiempo libre
          present_simple   {} time                                | {} tiempo
          present_simple   {} two brothers and a sister           | {} dos hermanos y una hermana
          past_simple      {} a dream                             | {} un sueño
          past_simple      {} an exam yesterday                   | {} un examen ayer
          past_participle  {} a cold                              | {} un resfriado
          past_participle  {} many problems this year             | {} muchos problemas este año
          future_will      {} a dog                               | {} un perro
          future_will      tomorrow {} a free day                 | mañana {} un día libre
          future_going_to  {} time                                | {} tiempo
          future_going_to  {} a party at home tonight             | {} una fiesta en casa esta noche
        do
          infinitive       it is good to {} sport                 | es bueno {} deporte
          infinitive       it is easy to {} nothing               | es fácil no {} nada
          present_simple   {} sport                               | {} deporte
          present_simple   {} the homework every night            | {} los deberes cada noche
          past_simple      {} the same                            | {} lo mismo
          past_simple      {} a test yesterday                    | {} un examen ayer
          past_participle  {} enough                              | {} bastante
          past_participle  {} the shopping this morning           | {} la compra esta mañana
          future_will      {} the rest                            | {} el resto
          future_will      tomorrow {} two exercises              | mañana {} dos ejercicios
          future_going_to  {} more                                | {} más
          future_going_to  {} the homework with {my} sister       | {} los deberes con {my} hermana
        go
          infinitive       it is good to {} to bed early          | es bueno {} a la cama temprano
          infinitive       it is easy to {} by car                | es fácil {} en coche
          present_simple   {} home                                | {} a casa
          present_simple   {} to the market every week            | {} al mercado cada semana
          past_simple      {} there                               | {} allí
          past_simple      {} to the beach yesterday              | {} a la playa ayer
          past_participle  {} by train                            | {} en tren
          past_participle  {} to the doctor twice this week       | {} al médico dos veces esta semana
          future_will      {} by bus                              | {} en autobús
          future_will      tomorrow {} to the museum              | mañana {} al museo
          future_going_to  {} now                                 | {} ahora
          future_going_to  {} to the mountains in summer          | {} a las montañas en verano
        come
          infinitive       it is good to {} early                 | es bueno {} temprano
          infinitive       it is easy to {} by bus                | es fácil {} en autobús
          present_simple   {} here                                | {} aquí
          present_simple   {} to class every day                  | {} a clase cada día
          past_simple      {} late                                | {} tarde
          past_simple      {} to the party yesterday              | {} a la fiesta ayer
          past_participle  {} on foot                             | {} a pie
          past_participle  {} with {my} uncle this morning        | {} con {my} tío esta mañana
          future_will      {} soon                                | {} pronto
          future_will      tomorrow {} from the airport           | mañana {} del aeropuerto
          future_going_to  {} too                                 | {} también
          future_going_to  {} by train in winter                  | {} en tren en invierno
        see
          infinitive       it is nice to {} the sun               | es agradable {} el sol
          infinitive       it is hard to {} at night              | es difícil {} de noche
          present_simple   {} well                                | {} bien
          present_simple   {} the mountains every morning         | {} las montañas cada mañana
          past_simple      {} a cat                               | {} un gato
          past_simple      yesterday {} {my} teacher in the street | ayer {} a {my} profesor en la calle
          past_participle  {} the sea                             | {} el mar
          past_participle  {} that film many times                | {} esa película muchas veces
          future_will      {} more                                | {} más
          future_will      tomorrow {} the old city               | mañana {} la ciudad vieja
          future_going_to  {} snow                                | {} nieve
          future_going_to  {} the house next week                 | {} la casa la próxima semana
        eat
          infinitive       it is good to {} fruit                 | es bueno {} fruta
          infinitive       it is nice to {} with friends          | es agradable {} con amigos
          present_simple   {} bread                               | {} pan
          present_simple   {} rice and fish every week            | {} arroz y pescado cada semana
          past_simple      {} fruit                               | {} fruta
          past_simple      {} in a restaurant yesterday           | {} en un restaurante ayer
          past_participle  {} well                                | {} bien
          past_participle  {} soup this week                      | {} sopa esta semana
          future_will      {} here                                | {} aquí
          future_will      tomorrow {} at home with {my} family   | mañana {} en casa con {my} familia
          future_going_to  {} now                                 | {} ahora
          future_going_to  {} fish tonight                        | {} pescado esta noche
        write
          infinitive       it is hard to {} a book                | es difícil {} un libro
          infinitive       it is nice to {} by hand               | es agradable {} a mano
          present_simple   {} well                                | {} bien
          present_simple   {} a letter every week                 | {} una carta cada semana
          past_simple      {} a poem                              | {} un poema
          past_simple      {} to the teacher yesterday            | {} al profesor ayer
          past_participle  {} a lot                               | {} mucho
          past_participle  {} two pages today                     | {} dos páginas hoy
          future_will      {} more                                | {} más
          future_will      tomorrow {} to {my} grandfather        | mañana {} a {my} abuelo
          future_going_to  {} soon                                | {} pronto
          future_going_to  {} a long story in winter              | {} una historia larga en invierno
        """;

    private static readonly ILookup<(string Verb, Tense Tense), FormPair> Frames = Read();

    /// <summary>The frames of a verb and a tense, in table order.</summary>
    public static IReadOnlyList<FormPair> Of(Verb verb, Tense tense) => [.. Frames[(verb.English, tense)]];

    private static ILookup<(string Verb, Tense Tense), FormPair> Read()
    {
        var frames = new List<((string Verb, Tense Tense) Key, FormPair Frame)>();
        string verb = "";
        foreach (string line in Table.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] != ' ')
            {
                verb = line;
                continue;
            }

            string[] parts = line.Trim().Split([' '], 2);
            string[] sides = parts[1].Split('|', StringSplitOptions.TrimEntries);
            _ = WireName.TryParse(parts[0], out Tense tense);
            frames.Add(((verb, tense), new FormPair(sides[0], sides[1])));
        }

        return frames.ToLookup(entry => entry.Key, entry => entry.Frame);
    }
}
