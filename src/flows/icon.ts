// The icon of a flow: `:name:` becomes an emoji where it names one, and else must look like the name
// of an icon; text without colons at its ends is kept.
import * as v from 'valibot'
import { text } from '../fields.ts'

/** CLDR names. All of them would weigh more than the rest of the Worker; these are the ones in use. */
const emoji: ReadonlyMap<string, string> = new Map(
  `rocket 🚀,robot 🤖,fire 🔥,star ⭐,sparkles ✨,red_heart ❤️,thumbs_up 👍,thumbs_down 👎,
waving_hand 👋,brain 🧠,light_bulb 💡,magnifying_glass_tilted_left 🔍,gear ⚙️,wrench 🔧,hammer 🔨,
link 🔗,chains ⛓️,key 🔑,locked 🔒,unlocked 🔓,books 📚,open_book 📖,memo 📝,page_facing_up 📄,
file_folder 📁,card_index_dividers 🗂️,clipboard 📋,bar_chart 📊,chart_increasing 📈,chart_decreasing 📉,
calendar 📅,envelope ✉️,e-mail 📧,speech_balloon 💬,telephone_receiver 📞,mobile_phone 📱,laptop 💻,
desktop_computer 🖥️,floppy_disk 💾,globe_with_meridians 🌐,globe_showing_Americas 🌎,cloud ☁️,sun ☀️,
high_voltage ⚡,rainbow 🌈,water_wave 🌊,deciduous_tree 🌳,seedling 🌱,dog_face 🐶,cat_face 🐱,
parrot 🦜,bird 🐦,butterfly 🦋,honeybee 🐝,snake 🐍,fox 🦊,lion 🦁,unicorn 🦄,dragon 🐉,octopus 🐙,
pizza 🍕,hot_beverage ☕,birthday_cake 🎂,party_popper 🎉,trophy 🏆,crown 👑,gem_stone 💎,bullseye 🎯,
artist_palette 🎨,musical_note 🎵,camera 📷,movie_camera 🎥,microphone 🎤,headphone 🎧,video_game 🎮,
house 🏠,office_building 🏢,airplane ✈️,automobile 🚗,shopping_cart 🛒,money_bag 💰,credit_card 💳,
check_mark_button ✅,cross_mark ❌,warning ⚠️,question_mark ❓,bell 🔔,megaphone 📣,hourglass_done ⌛,
alarm_clock ⏰,pushpin 📌,paperclip 📎,package 📦,toolbox 🧰,test_tube 🧪,microscope 🔬,telescope 🔭,
puzzle_piece 🧩,eyes 👀,ghost 👻,alien 👽,skull 💀,grinning_face 😀,face_with_tears_of_joy 😂,
smiling_face_with_sunglasses 😎,thinking_face 🤔,hugging_face 🤗,clapping_hands 👏,folded_hands 🙏`
    .split(/,\s*/)
    .map((pair) => pair.split(' ') as [string, string]), // a name and its emoji
)

export const Icon = v.pipe(
  text(1000),
  v.check(
    (icon) => icon.startsWith(':') === icon.endsWith(':'),
    'Invalid emoji: it needs a colon on both sides',
  ),
  v.transform((icon) => (icon.startsWith(':') ? (emoji.get(icon.slice(1, -1)) ?? icon) : icon)),
  v.check(
    (icon) => !icon.startsWith(':') || /^:[a-z-]+:$/.test(icon),
    'Icon must contain only lower-case letters and hyphens',
  ),
)
